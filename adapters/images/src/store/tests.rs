//! The store against real registries and files. What concerns one of its parts is in a file of its own.

mod loading;
mod pulling;
mod registry;
mod removing;
mod stand_in;

use super::*;
use crate::testing::{Layer, Recipe};
use crate::{Credentials, Reference};
use tempfile::TempDir;

struct Stage {
    directory: TempDir,
    store: Store,
}

impl Stage {
    fn new() -> Self {
        Self::with(Config::default())
    }

    /// One that knows no credentials but those of the configuration.
    fn with(config: Config) -> Self {
        let directory = TempDir::new().unwrap();
        let store = Store::open(&directory.path().join("images"), config).unwrap();
        Self { directory, store }
    }

    /// Another process's view of the same directory.
    fn beside(&self) -> Store {
        Store::open(&self.store.root, Config::default()).unwrap()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn load(&self, recipe: &Recipe, name: &str) -> Loaded {
        let path = self.path("archive.tar");
        crate::testing::save(recipe, &[name], &path);
        self.store.load(&path, None).unwrap().remove(0)
    }

    fn count(&self, kind: &str) -> usize {
        fs::read_dir(self.store.root.join(kind)).unwrap().count()
    }

    /// How many layers, images and names are here; nothing may be unfinished.
    fn counts(&self) -> [usize; 3] {
        assert_eq!(self.count("partial"), 0);
        ["layers", "configs", "names"].map(|kind| self.count(kind))
    }
}

fn config() -> Config {
    Config { keychain: Keychain::default(), ..Config::default() }
}

/// An image of one layer with one file.
fn small(content: &str) -> Recipe {
    Recipe::new(vec![Layer::new().file("file", 0o644, content.as_bytes()).finish()])
}

fn name(text: &str) -> Reference {
    text.parse().unwrap()
}
