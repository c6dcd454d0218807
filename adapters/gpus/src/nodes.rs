//! GPUs by their drivers' device nodes, where no specification describes them. A container gets the nodes and nothing else: the
//! driver's libraries have to be in its image.

use crate::{DeviceNode, Edits, Gpu, Vendor};
use std::fs;
use std::path::Path;

/// What every user of NVIDIA's driver needs, as far as it is there; without the first nothing works.
const OF_ALL_NVIDIA: [&str; 4] = ["nvidiactl", "nvidia-uvm", "nvidia-uvm-tools", "nvidia-modeset"];
/// The same of AMD's.
const OF_ALL_AMD: &str = "kfd";
const NVIDIAS: &str = "proc/driver/nvidia/gpus";
const AMDS: &str = "sys/class/kfd/kfd/topology/nodes";

/// The GPUs of a machine whose file systems are below `root`.
pub(crate) fn gpus(root: &Path) -> Vec<Gpu> {
    nvidias(root).into_iter().chain(amds(root)).collect()
}

fn nvidias(root: &Path) -> Vec<Gpu> {
    let Some(_works) = node(root, OF_ALL_NVIDIA[0]) else { return Vec::new() };
    let of_all: Vec<DeviceNode> = OF_ALL_NVIDIA.iter().filter_map(|name| node(root, name)).collect();
    let mut numbers: Vec<u32> = names(&root.join("dev"))
        .iter()
        .filter_map(|name| {
            name.strip_prefix("nvidia").filter(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()))?.parse().ok()
        })
        .collect();
    numbers.sort_unstable();
    let gpu = |number: u32| {
        let own = node(root, &format!("nvidia{number}"))?;
        Some(Gpu {
            vendor: Vendor::Nvidia,
            name: nvidia_uuid(root, number).unwrap_or_else(|| number.to_string()),
            known_as: own.path.clone(),
            by_cdi: false,
            edits: edits(&of_all, own),
        })
    };
    numbers.into_iter().filter_map(gpu).collect()
}

/// The driver's numbers of nodes need not be those by which its programs count; its UUIDs are the same everywhere.
fn nvidia_uuid(root: &Path, number: u32) -> Option<String> {
    let directory = root.join(NVIDIAS);
    names(&directory).iter().find_map(|name| {
        let text = fs::read_to_string(directory.join(name).join("information")).ok()?;
        let value = |label: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(label))?;
            Some(line.trim_start_matches(':').trim().to_owned())
        };
        let is_it = value("Device Minor")?.parse() == Ok(number);
        // It is unknown to the driver until the GPU has been used.
        value("GPU UUID").filter(|uuid| is_it && !uuid.contains('?'))
    })
}

/// The topology's nodes that have a device for computing are GPUs; programs count them in its order.
fn amds(root: &Path) -> Vec<Gpu> {
    let Some(of_all) = node(root, OF_ALL_AMD) else { return Vec::new() };
    let directory = root.join(AMDS);
    let mut numbers: Vec<u32> = names(&directory).iter().filter_map(|name| name.parse().ok()).collect();
    numbers.sort_unstable();
    let minor = |number: &u32| {
        let properties = fs::read_to_string(directory.join(number.to_string()).join("properties")).ok()?;
        let minor = properties.lines().find_map(|line| line.strip_prefix("drm_render_minor "))?;
        minor.trim().parse::<u32>().ok().filter(|minor| *minor > 0)
    };
    let gpu = |(place, minor): (usize, u32)| {
        let own = node(root, &format!("dri/renderD{minor}"))?;
        Some(Gpu {
            vendor: Vendor::Amd,
            name: place.to_string(),
            known_as: own.path.clone(),
            by_cdi: false,
            edits: edits(std::slice::from_ref(&of_all), own),
        })
    };
    numbers.iter().filter_map(minor).enumerate().filter_map(gpu).collect()
}

/// The nodes, and the groups that may use them where not everybody may.
fn edits(of_all: &[DeviceNode], own: DeviceNode) -> Edits {
    const OF_OTHERS: u32 = 0o006;
    let devices: Vec<DeviceNode> = of_all.iter().cloned().chain([own]).collect();
    let kept = devices.iter().filter(|node| node.mode & OF_OTHERS != OF_OTHERS && node.gid != 0);
    let mut groups: Vec<u32> = kept.map(|node| node.gid).collect();
    groups.dedup();
    Edits { devices, groups, ..Edits::default() }
}

fn node(root: &Path, name: &str) -> Option<DeviceNode> {
    let host_path = root.join("dev").join(name);
    DeviceNode::of_host(host_path.to_str()?, &format!("/dev/{name}")).ok()
}

fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort();
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    /// A root with devices that are links to this machine's, which any user may make, and files.
    fn machine(devices: &[&str], files: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for name in devices {
            let path = root.path().join("dev").join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            symlink("/dev/null", path).unwrap();
        }
        for (name, text) in files {
            let path = root.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        root
    }

    fn shown(gpus: &[Gpu]) -> Vec<(String, String, Vec<String>)> {
        let paths = |gpu: &Gpu| gpu.edits.devices.iter().map(|node| node.path.clone()).collect();
        gpus.iter().map(|gpu| (gpu.name.clone(), gpu.known_as.clone(), paths(gpu))).collect()
    }

    fn expected(gpus: &[(&str, &str, &[&str])]) -> Vec<(String, String, Vec<String>)> {
        let texts = |paths: &[&str]| paths.iter().map(|&path| path.to_owned()).collect();
        gpus.iter().map(|(name, known_as, paths)| ((*name).into(), (*known_as).into(), texts(paths))).collect()
    }

    #[test]
    fn nvidias_are_found_with_what_all_of_them_need() {
        let information = "Model: \t\t NVIDIA X\nGPU UUID:\t GPU-1b4e28ba\nDevice Minor: \t 10\n";
        let files = [("proc/driver/nvidia/gpus/0000:01:00.0/information", information)];
        let root = machine(&["nvidiactl", "nvidia10", "nvidia2", "nvidia-uvm", "nvidia-caps"], &files);
        let found = gpus(root.path());
        let wanted: [(&str, &str, &[&str]); 2] = [
            ("2", "/dev/nvidia2", &["/dev/nvidiactl", "/dev/nvidia-uvm", "/dev/nvidia2"]),
            ("GPU-1b4e28ba", "/dev/nvidia10", &["/dev/nvidiactl", "/dev/nvidia-uvm", "/dev/nvidia10"]),
        ];
        assert_eq!(shown(&found), expected(&wanted));
        assert_eq!((found[0].edits.devices[0].major, found[0].edits.devices[0].minor), (1, 3));
    }

    #[test]
    fn nvidias_without_their_driver_are_none() {
        assert!(gpus(machine(&["nvidia0"], &[]).path()).is_empty());
    }

    #[test]
    fn amds_are_those_of_the_topology_that_compute() {
        let files = [
            ("sys/class/kfd/kfd/topology/nodes/0/properties", "cpu_cores_count 8\ndrm_render_minor 0\n"),
            ("sys/class/kfd/kfd/topology/nodes/1/properties", "cpu_cores_count 0\ndrm_render_minor 129\n"),
        ];
        let root = machine(&["kfd", "dri/renderD128", "dri/renderD129"], &files);
        let wanted: [(&str, &str, &[&str]); 1] = [("0", "/dev/dri/renderD129", &["/dev/kfd", "/dev/dri/renderD129"])];
        assert_eq!(shown(&gpus(root.path())), expected(&wanted));
    }
}
