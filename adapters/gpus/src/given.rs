//! [`Given`]: the GPUs that one container has, possibly none, and how its programs are told so.

use crate::{Edits, Gpu, Vendor};
use serde::{Deserialize, Serialize};

/// The GPUs of one container.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given {
    gpus: Vec<Gpu>,
    /// Whose GPUs this host offers: programs look for those of each.
    vendors: Vec<Vendor>,
}

/// A program outside of containers sees every GPU, and can only be told which to use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{known_as} has neither a number nor a UUID by which a program outside of a container could be told of it")]
pub struct Unnamed {
    known_as: String,
}

const CUDA: &str = "CUDA_VISIBLE_DEVICES";
/// Numbers are the driver's then; by itself CUDA counts the fastest first.
const CUDA_ORDER: (&str, &str) = ("CUDA_DEVICE_ORDER", "PCI_BUS_ID");
const ROCM: &str = "ROCR_VISIBLE_DEVICES";
/// What NVIDIA's container runtime goes by, and what ECS gives jobs.
const NVIDIA: &str = "NVIDIA_VISIBLE_DEVICES";
/// Of it, for none at all.
const VOID: &str = "void";

impl Given {
    pub(crate) fn new(gpus: Vec<Gpu>, vendors: Vec<Vendor>) -> Self {
        Self { gpus, vendors }
    }

    /// Which.
    pub fn gpus(&self) -> &[Gpu] {
        &self.gpus
    }

    /// What its container needs in order to use all of them; its variables are in [`Self::variables_of_container`].
    pub fn edits(&self) -> Edits {
        let mut edits = Edits::default();
        for gpu in &self.gpus {
            edits.add(&gpu.edits);
        }
        edits
    }

    /// Variables for a program outside of containers, over its own: which GPUs to use, of each vendor that it would see.
    pub fn variables_of_process(&self) -> Result<Vec<(String, String)>, Unnamed> {
        if let Some(gpu) = self.gpus.iter().find(|gpu| !gpu.has_usable_name()) {
            return Err(Unnamed { known_as: gpu.known_as.clone() });
        }
        let mut variables = Vec::new();
        for vendor in &self.vendors {
            let names = self.names(*vendor);
            match vendor {
                Vendor::Nvidia => variables.extend([
                    variable(NVIDIA, if names.is_empty() { VOID } else { &names }),
                    variable(CUDA_ORDER.0, CUDA_ORDER.1),
                    variable(CUDA, &names),
                ]),
                Vendor::Amd => variables.push(variable(ROCM, &names)),
            }
        }
        Ok(variables)
    }

    /// Variables for a container, over the image's and its own. It sees no GPU but these, so there is nothing to choose.
    pub fn variables_of_container(&self) -> Vec<(String, String)> {
        let mut variables = Vec::new();
        if self.vendors.contains(&Vendor::Nvidia) {
            let names = self.names(Vendor::Nvidia);
            variables.push(variable(NVIDIA, if names.is_empty() { VOID } else { &names }));
        }
        let edits = self.edits();
        let of_edits = edits.env.iter().filter_map(|entry| entry.split_once('='));
        variables.extend(of_edits.map(|(name, value)| variable(name, value)));
        variables
    }

    fn names(&self, vendor: Vendor) -> String {
        let names = self.gpus.iter().filter(|gpu| gpu.vendor == vendor).map(|gpu| gpu.name.as_str());
        names.collect::<Vec<_>>().join(",")
    }
}

fn variable(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gpu(vendor: Vendor, name: &str, env: &[&str]) -> Gpu {
        let edits = Edits { env: env.iter().map(|&one| one.to_owned()).collect(), ..Edits::default() };
        Gpu { vendor, name: name.into(), known_as: format!("vendor/gpu={name}"), by_cdi: true, edits }
    }

    fn told(variables: Vec<(String, String)>) -> Vec<String> {
        variables.into_iter().map(|(name, value)| format!("{name}={value}")).collect()
    }

    #[test]
    fn process_is_told_which_to_use_and_that_others_are_not_its_own() {
        let gpus = vec![gpu(Vendor::Nvidia, "1", &[]), gpu(Vendor::Nvidia, "GPU-7", &[])];
        let given = Given::new(gpus, vec![Vendor::Nvidia, Vendor::Amd]);
        let expected = [
            "NVIDIA_VISIBLE_DEVICES=1,GPU-7",
            "CUDA_DEVICE_ORDER=PCI_BUS_ID",
            "CUDA_VISIBLE_DEVICES=1,GPU-7",
            "ROCR_VISIBLE_DEVICES=",
        ];
        assert_eq!(told(given.variables_of_process().unwrap()), expected);
    }

    #[test]
    fn process_is_not_given_what_it_cannot_be_told_of() {
        let given = Given::new(vec![gpu(Vendor::Nvidia, "0:1", &[])], vec![Vendor::Nvidia]);
        assert!(given.variables_of_process().unwrap_err().to_string().starts_with("vendor/gpu=0:1 has neither"));
        assert_eq!(told(given.variables_of_container()), ["NVIDIA_VISIBLE_DEVICES=0:1"]);
    }

    #[test]
    fn container_without_gpus_is_told_so_where_there_are_any() {
        assert_eq!(
            told(Given::new(vec![], vec![Vendor::Nvidia]).variables_of_container()),
            ["NVIDIA_VISIBLE_DEVICES=void"]
        );
        assert!(Given::default().variables_of_container().is_empty());
        assert_eq!(Given::default().variables_of_process(), Ok(vec![]));
    }

    #[test]
    fn what_several_need_is_there_once_and_their_own_variables_win() {
        let gpus = vec![
            gpu(Vendor::Nvidia, "0", &["NVIDIA_VISIBLE_DEVICES=void", "A=0"]),
            gpu(Vendor::Nvidia, "1", &["NVIDIA_VISIBLE_DEVICES=void", "A=1"]),
        ];
        let given = Given::new(gpus, vec![Vendor::Nvidia]);
        assert_eq!(given.edits().env, ["NVIDIA_VISIBLE_DEVICES=void", "A=0", "A=1"]);
        let told = told(given.variables_of_container());
        assert_eq!(told, ["NVIDIA_VISIBLE_DEVICES=0,1", "NVIDIA_VISIBLE_DEVICES=void", "A=0", "A=1"], "later ones win");
    }
}
