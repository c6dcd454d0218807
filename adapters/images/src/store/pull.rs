//! Getting an image by name: from the store if that is known to be right, else from the registry.

use super::Store;
use super::layers::Wanted;
use super::names::Name;
use crate::image::{Image, ImageDocument};
use crate::manifest::{Document, Manifest};
use crate::platform::Platform;
use crate::registry::Repository;
use crate::{Credentials, Digest, Error, Reference};
use std::sync::Arc;

impl Store {
    /// An image, pulled if it is not here or its tag has moved. However many ask at once, it is pulled once, and a tag
    /// is asked for again only after a while ([`super::Config::fresh`]). If the registry is not to be had, what is here
    /// is used. Without credentials those of the keychain count.
    pub fn get(&self, reference: &Reference, credentials: Option<&Credentials>) -> Result<Arc<Image>, Arc<Error>> {
        if let Some(image) = self.fresh_image(reference)? {
            return Ok(image);
        }
        self.pulls.share(&reference.to_string(), || {
            // Whoever pulled it just before we came may have made it fresh.
            match self.fresh_image(reference)? {
                Some(image) => Ok(image),
                None => self.pull_or_keep(reference, credentials),
            }
        })
    }

    /// An image as the registry has it now.
    pub fn pull(&self, reference: &Reference, credentials: Option<&Credentials>) -> Result<Arc<Image>, Arc<Error>> {
        self.pulls.share(&reference.to_string(), || self.pull_now(reference, credentials))
    }

    /// The image if it can be had without asking a registry: quick enough for a loop that must not wait.
    pub fn cached(&self, reference: &Reference) -> Option<Arc<Image>> {
        self.fresh_image(reference).ok().flatten()
    }

    fn pull_or_keep(&self, reference: &Reference, credentials: Option<&Credentials>) -> Result<Arc<Image>, Arc<Error>> {
        let error = match self.pull_now(reference, credentials) {
            Err(error) if error.is_unreachable() => error,
            result => return result,
        };
        let known = self.read_name(reference)?.map(|name| self.held_image(&name.image)).transpose()?.flatten();
        let Some(image) = known else { return Err(error) };
        tracing::warn!(image = %reference, error = error.chain(), "using the image that is here");
        Ok(image)
    }

    fn pull_now(&self, reference: &Reference, credentials: Option<&Credentials>) -> Result<Arc<Image>, Arc<Error>> {
        let credentials = credentials.cloned().or_else(|| self.config.keychain.credentials(reference));
        let repository = self.client.repository(reference, credentials);
        if let Some(image) = self.unmoved(reference, &repository)? {
            return Ok(image);
        }
        let (digest, manifest) = resolve(reference, &repository)?;
        let config = verified(repository.document(&manifest.config.digest)?, &manifest.config.digest)?;
        let document = ImageDocument::parse(&config)?;
        if document.layers().len() != manifest.layers.len() {
            return Err(Arc::new(Error::LayerCount));
        }
        let pairs = document.layers().iter().zip(&manifest.layers).enumerate();
        let wanted = pairs.map(|(place, (layer, packed))| Wanted {
            layer: layer.clone(),
            packed: Some(packed.digest.clone()),
            place,
        });
        let wanted: Vec<Wanted> = wanted.collect();
        let open = |wanted: &Wanted| {
            let blob = repository.blob(&manifest.layers[wanted.place].digest)?;
            Ok(Box::new(blob) as Box<dyn std::io::Read>)
        };
        let _pins = self.have_layers(&wanted, &open)?;
        let name = Name { reference: reference.to_string(), image: Digest::of(&config), manifest: Some(digest) };
        let image = self.link_image(&config, Some(&name))?;
        tracing::info!(image = %reference, id = %image.id, layers = image.layers.len(), "pulled");
        self.make_room()?;
        Ok(image)
    }

    /// The image that is here, if the registry has the same one under its name.
    fn unmoved(&self, reference: &Reference, repository: &Repository) -> Result<Option<Arc<Image>>, Error> {
        let Some(Name { image, manifest: Some(manifest), .. }) = self.read_name(reference)? else { return Ok(None) };
        if repository.digest_of(&reference.wanted())? != Some(manifest) {
            return Ok(None);
        }
        let held = self.held_image(&image)?;
        if held.is_some() {
            self.refresh_name(reference);
        }
        Ok(held)
    }
}

/// The digest that the name stands for, and the manifest for this machine.
fn resolve(reference: &Reference, repository: &Repository) -> Result<(Digest, Manifest), Error> {
    let bytes = repository.manifest(&reference.wanted())?;
    let digest = Digest::of(&bytes);
    if let Some(expected) = reference.digest().filter(|expected| **expected != digest) {
        return Err(Error::Verification { expected: expected.clone(), found: digest });
    }
    let index = match Document::parse(&bytes)? {
        Document::Manifest(manifest) => return Ok((digest, manifest)),
        Document::Index(index) => index,
    };
    let chosen = &index.choose(&Platform::own())?.digest;
    match Document::parse(&verified(repository.manifest(&chosen.to_string())?, chosen)?)? {
        Document::Manifest(manifest) => Ok((digest, manifest)),
        Document::Index(_) => Err(Error::NoPlatform { wanted: Platform::own().to_string() }),
    }
}

fn verified(bytes: Vec<u8>, expected: &Digest) -> Result<Vec<u8>, Error> {
    let found = Digest::of(&bytes);
    if found == *expected { Ok(bytes) } else { Err(Error::Verification { expected: expected.clone(), found }) }
}
