//! Readers of networks: what they accept, and what they say about the rest.

use super::decimal::Invalid;
use super::*;

const HEADER: &str = "<NUMBER OF NODES> 3\n<FIRST THRU NODE> 2\n<NUMBER OF LINKS> 2\n<END OF METADATA>\n\n";

fn read(text: &str) -> Result<Network, Error> {
    parse(text, "net", Weight::FreeFlowTime)
}

fn check_error(text: &str, message: &str) {
    assert_eq!(read(text).unwrap_err().to_string(), message);
}

fn tntp(links: &str) -> String {
    format!("{HEADER}~ init term capacity length time ;\n{links}")
}

#[test]
fn tntp_read_gives_exact_weights_of_either_column() {
    let text = tntp("\t1\t2\t900\t0.45\t1.5\t0.15\t4\t;\n\n 2 3 900 1e-1 2.025 ; ~ a remark\n");
    let network = read(&text).unwrap();
    assert_eq!((network.nodes, network.first_through, network.decimals, network.rounded), (3, 1, 3, false));
    assert_eq!(network.links, [Link { from: 0, to: 1, weight: 1500 }, Link { from: 1, to: 2, weight: 2025 }]);
    let lengths = parse(&text, "net", Weight::Length).unwrap();
    assert_eq!(lengths.decimals, 2);
    assert_eq!(lengths.links.iter().map(|link| link.weight).collect::<Vec<_>>(), [45, 10]);
}

#[test]
fn dimacs_read_gives_links_and_no_centroids() {
    let network = read("c a comment\np sp 3 2\na 1 2 7\nc\na 3 1 0\n").unwrap();
    assert_eq!((network.nodes, network.first_through, network.decimals), (3, 0, 0));
    assert_eq!(network.links, [Link { from: 0, to: 1, weight: 7 }, Link { from: 2, to: 0, weight: 0 }]);
}

#[test]
fn malformed_tntp_names_file_line_and_expectation() {
    check_error(&tntp("1 2 9 0.4\n2 3 9 1 1\n"), "net:7: expected a free-flow time in column 5, found ``");
    check_error(&tntp("1 x 9 1 1\n"), "net:7: expected a node number, found `x`");
    check_error(&tntp("1 4 9 1 1\n"), "net:7: node 4 is out of range: the file declares nodes 1 to 3");
    check_error(&tntp("0 1 9 1 1\n"), "net:7: node 0 is out of range: the file declares nodes 1 to 3");
    check_error(&tntp("1 2 9 1 -0.5\n"), "net:7: negative weight -0.5: shortest paths need weights of zero or more");
    check_error(&tntp("1 2 9 1 1.2.3\n"), "net:7: expected a free-flow time in column 5, found `1.2.3`");
    check_error(&tntp("1 2 9 1 1\n"), "net: the header declares 2 links, but 1 follow: is the file cut short?");
    check_error("<NUMBER OF NODES> many\n", "net:1: expected a number of nodes, found `many`");
    check_error("<NUMBER OF NODES> 3\n1 2 3\n", "net:2: expected `<KEY> value` or `<END OF METADATA>`, found `1 2 3`");
    check_error("<END OF METADATA>\n", "net: expected `<NUMBER OF NODES> n` before the first link");
}

#[test]
fn malformed_dimacs_names_file_line_and_expectation() {
    check_error("c x\na 1 2 3\n", "net: expected `p sp NODES ARCS` before the first link");
    check_error("p max 3 2\n", "net:1: expected `p sp NODES ARCS`, found `p max 3 2`");
    check_error("p sp 3 1\na 1 9 3\n", "net:2: node 9 is out of range: the file declares nodes 1 to 3");
    check_error("p sp 3 1\na 1 2 -3\n", "net:2: negative weight -3: shortest paths need weights of zero or more");
    check_error("p sp 3 1\na 1 2\n", "net:2: expected a weight in column 4, found ``");
    check_error("p sp 3 2\na 1 2 3\n", "net: the header declares 2 links, but 1 follow: is the file cut short?");
    check_error(
        "p sp 3 1\ne 1 2 3\n",
        "net:2: expected `c COMMENT`, `a FROM TO WEIGHT` or one `p sp NODES ARCS`, found `e 1 2 3`",
    );
}

#[test]
fn unknown_format_is_refused() {
    assert_eq!(read("{\"nodes\": 3}").unwrap_err(), Error::UnknownFormat { file: "net".into() });
    assert_eq!(read("").unwrap_err(), Error::UnknownFormat { file: "net".into() });
}

#[test]
fn decimal_text_is_read_without_loss() {
    let units = |text: &str, decimals| Decimal::parse(text).unwrap().in_units(decimals);
    assert_eq!(units("0.1", 1), Some(1));
    assert_eq!(units("12.340", 2), Some(1234));
    assert_eq!(units(".5e+2", 0), Some(50));
    assert_eq!(units("1.0E-3", 3), Some(1));
    assert_eq!(units("-0", 0), Some(0));
    assert_eq!(units("0.05", 1), Some(1), "a half rounds up");
    assert_eq!(units("0.04", 1), Some(0));
    assert_eq!(units("1e-300", 2), Some(0));
    assert_eq!(units("1e300", 0), None);
    assert_eq!(Decimal::parse("0.250").unwrap().decimals(), 2);
    for text in ["", ".", "1e", "x", "1,5", "0x1", "--1", "inf", "NaN"] {
        assert_eq!(Decimal::parse(text), Err(Invalid::NotANumber), "{text}");
    }
}

#[test]
fn too_many_decimals_are_rounded_and_too_large_weights_refused() {
    let text = "<NUMBER OF NODES> 2\n<END OF METADATA>\n";
    let network = read(&format!("{text}1 2 9 1 5000.12345678901234567\n")).unwrap();
    assert_eq!((network.decimals, network.rounded, network.links[0].weight), (14, true, 500_012_345_678_901_235));
    let huge = read(&format!("{text}1 2 9 1 9e18\n")).unwrap_err();
    assert_eq!(huge, Error::TooLong { file: "net".into() });
}

#[test]
fn any_change_of_a_network_changes_its_fingerprint() {
    let original = five_node();
    let mut heavier = original.clone();
    heavier.links[3].weight += 1;
    let mut fewer = original.clone();
    fewer.links.pop();
    let mut finer = original.clone();
    finer.decimals = 1;
    for changed in [heavier, fewer, finer] {
        assert_ne!(changed.fingerprint(), original.fingerprint());
    }
}
