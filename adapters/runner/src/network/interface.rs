//! The loopback interface of the calling thread's network namespace: brought up, and given addresses. The kernel's older
//! interface does both in a few lines; nothing else needs netlink.

use rustix::io::Errno;
use std::io;
use std::mem::size_of;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::os::fd::{AsRawFd, OwnedFd};

/// The first interface of every namespace.
const LOOPBACK: &[u8] = b"lo";
const LOOPBACK_INDEX: libc::c_int = 1;
const HOST_PREFIX: u32 = 128;

/// The kernel's `struct in6_ifreq`.
#[repr(C)]
struct Ipv6Request {
    address: [u8; 16],
    prefix: u32,
    index: libc::c_int,
}

/// Brings it up; it then has `127.0.0.0/8` and, where there is IPv6, `::1`.
pub(super) fn bring_up() -> io::Result<()> {
    let mut request = request(LOOPBACK);
    request.ifr_ifru.ifru_flags = (libc::IFF_UP | libc::IFF_RUNNING) as libc::c_short;
    control(&socket(rustix::net::AddressFamily::INET)?, libc::SIOCSIFFLAGS, &request)
}

/// Whether every namespace has the address as soon as the interface is up.
fn is_there(address: IpAddr) -> bool {
    address.is_loopback()
}

/// Gives it one more address. `number` tells several of them apart.
pub(super) fn add(address: IpAddr, number: usize) -> io::Result<()> {
    match address {
        address if is_there(address) => Ok(()),
        IpAddr::V4(address) => add_ipv4(address, number),
        IpAddr::V6(address) => add_ipv6(address),
    }
}

fn add_ipv4(address: Ipv4Addr, number: usize) -> io::Result<()> {
    let mut request = request(format!("lo:{number}").as_bytes());
    let socket_address = libc::sockaddr_in {
        sin_family: libc::AF_INET as libc::sa_family_t,
        sin_port: 0,
        sin_addr: libc::in_addr { s_addr: u32::from(address).to_be() },
        sin_zero: [0; 8],
    };
    write_address(&mut request, socket_address);
    let socket = socket(rustix::net::AddressFamily::INET)?;
    control(&socket, libc::SIOCSIFADDR, &request)?;
    // Without this the kernel takes the whole class of the address for ours.
    let mask = libc::sockaddr_in { sin_addr: libc::in_addr { s_addr: u32::MAX }, ..socket_address };
    write_address(&mut request, mask);
    control(&socket, libc::SIOCSIFNETMASK, &request)
}

fn add_ipv6(address: Ipv6Addr) -> io::Result<()> {
    let request = Ipv6Request { address: address.octets(), prefix: HOST_PREFIX, index: LOOPBACK_INDEX };
    control(&socket(rustix::net::AddressFamily::INET6)?, libc::SIOCSIFADDR, &request)
}

fn socket(family: rustix::net::AddressFamily) -> Result<OwnedFd, Errno> {
    use rustix::net::{SocketFlags, SocketType, socket_with};
    socket_with(family, SocketType::DGRAM, SocketFlags::CLOEXEC, None)
}

#[expect(unsafe_code, reason = "the kernel's structure is a union of plain data")]
fn request(name: &[u8]) -> libc::ifreq {
    // SAFETY: all bytes zero are a valid value of this plain structure.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    for (place, byte) in request.ifr_name.iter_mut().zip(name) {
        *place = *byte as libc::c_char;
    }
    request
}

#[expect(unsafe_code, reason = "an address is kept in the bytes of a more general one")]
fn write_address(request: &mut libc::ifreq, address: libc::sockaddr_in) {
    const { assert!(size_of::<libc::sockaddr_in>() <= size_of::<libc::sockaddr>()) };
    // SAFETY: the place is as large as the value, and any alignment will do.
    unsafe {
        let place = &raw mut request.ifr_ifru.ifru_addr;
        std::ptr::write_unaligned(place.cast::<libc::sockaddr_in>(), address);
    }
}

#[expect(unsafe_code, reason = "interfaces are set by ioctl")]
fn control<T>(socket: &OwnedFd, what: libc::c_ulong, request: &T) -> io::Result<()> {
    // SAFETY: the descriptor is open, and each caller gives the structure that its request reads.
    let answer = unsafe { libc::ioctl(socket.as_raw_fd(), what as libc::Ioctl, std::ptr::from_ref(request)) };
    if answer == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
