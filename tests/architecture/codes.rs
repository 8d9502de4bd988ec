//! Codes of the API have one place that knows what they mean: no other part of the program quotes one.

use std::path::Path;

use keydesk::domain::codes::{AttemptCode, EventCode, NoticeCode};
use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens as _;

/// Who may quote codes: the place of their meaning, the API's own shapes, and the server that stands in for Seam.
const MAY_QUOTE: [&str; 3] = ["src/domain/codes.rs", "src/seam/", "src/simulator/"];

/// The texts in quotes, without those of tests.
fn quoted(text: &str) -> Vec<String> {
    let ast = syn::parse_file(text).unwrap();
    let mut found = Vec::new();
    for item in ast.items.iter().filter(|item| !super::is_test_only(super::attributes(item))) {
        gather(item.to_token_stream(), &mut found);
    }
    found
}

fn gather(tokens: TokenStream, found: &mut Vec<String>) {
    for tree in tokens {
        match tree {
            TokenTree::Group(group) => gather(group.stream(), found),
            TokenTree::Literal(literal) => {
                found.extend(syn::parse_str::<syn::LitStr>(&literal.to_string()).ok().map(|text| text.value()));
            }
            TokenTree::Ident(_) | TokenTree::Punct(_) => {}
        }
    }
}

fn is_code(text: &str) -> bool {
    [AttemptCode::KNOWN, NoticeCode::KNOWN, EventCode::KNOWN].iter().any(|codes| codes.contains(&text))
}

#[test]
fn no_code_is_quoted_outside_its_place() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    super::sources(&root.join("src"), &mut files);
    let mut broken = Vec::new();
    for path in files {
        let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
        if MAY_QUOTE.iter().any(|place| name.starts_with(place)) {
            continue;
        }
        let codes = quoted(&std::fs::read_to_string(&path).unwrap()).into_iter().filter(|text| is_code(text));
        broken.extend(codes.map(|code| format!("{name}: \"{code}\" belongs into domain/codes.rs")));
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn a_quoted_code_is_found_also_in_macros_and_not_in_tests() {
    let text = r#"
        fn f(code: &str) -> bool { matches!(code, "bridge_disconnected") }
        #[cfg(test)] mod tests { const CODE: &str = "being_deleted"; }
    "#;
    assert_eq!(quoted(text), ["bridge_disconnected"]);
}
