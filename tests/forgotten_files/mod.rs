//! A file that nothing names is not compiled, and nobody would notice: each source file is reached by `mod` lines from a
//! program of `Cargo.toml`, and each snapshot is named in the module beside it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// All files below these folders whose names end so.
fn files(folders: &[&str], extension: &str) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    let mut folders: Vec<PathBuf> = folders.iter().map(|folder| root().join(folder)).collect();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                found.insert(path);
            }
        }
    }
    found
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The first files of all programs: those that cargo finds by itself, and those that `Cargo.toml` names.
fn programs() -> Vec<PathBuf> {
    let manifest: toml::Table = fs::read_to_string(root().join("Cargo.toml")).unwrap().parse().unwrap();
    let tables = ["test", "bench"].into_iter().flat_map(|kind| manifest[kind].as_array().unwrap());
    let named = tables.map(|program| program["path"].as_str().unwrap());
    ["src/lib.rs", "src/main.rs"].into_iter().chain(named).map(|path| root().join(path)).collect()
}

/// Notes a file and all that its `mod` lines reach; the files of its modules are in this folder.
fn reach(file: PathBuf, folder: &Path, reached: &mut BTreeSet<PathBuf>) {
    let text = fs::read_to_string(&file).unwrap();
    let items = syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display())).items;
    reach_all(&items, &file, folder, reached);
    reached.insert(file);
}

fn reach_all(items: &[syn::Item], file: &Path, folder: &Path, reached: &mut BTreeSet<PathBuf>) {
    for item in items {
        let syn::Item::Mod(module) = item else { continue };
        let inside = folder.join(module.ident.to_string());
        if let Some((_, items)) = &module.content {
            reach_all(items, file, &inside, reached);
        } else {
            let moved = moved_to(module).map(|name| file.with_file_name(name));
            let by_name = [inside.with_extension("rs"), inside.join("mod.rs")];
            let place = moved.into_iter().chain(by_name).find(|place| place.exists()).unwrap();
            reach(place, &inside, reached);
        }
    }
}

/// The file that a `#[path]` names.
fn moved_to(module: &syn::ItemMod) -> Option<String> {
    module.attrs.iter().find_map(|attribute| match &attribute.meta {
        syn::Meta::NameValue(syn::MetaNameValue {
            path,
            value: syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(name), .. }),
            ..
        }) if path.is_ident("path") => Some(name.value()),
        _ => None,
    })
}

fn reached() -> BTreeSet<PathBuf> {
    let mut reached = BTreeSet::new();
    for program in programs() {
        let folder = program.parent().unwrap().to_owned();
        reach(program, &folder, &mut reached);
    }
    reached
}

#[test]
fn every_source_file_is_reached_by_mod_lines() {
    let (all, reached) = (files(&["src", "tests"], "rs"), reached());
    let forgotten: Vec<_> = all.difference(&reached).collect();
    assert!(forgotten.is_empty(), "no mod line reaches {forgotten:#?}");
    assert_eq!(reached, all, "all that is reached was looked for");
}

#[test]
fn every_snapshot_is_named_in_the_module_beside_it() {
    let reached = reached();
    for snapshot in files(&["src", "tests"], "snap") {
        let module = snapshot.parent().unwrap().parent().unwrap().join("mod.rs");
        assert!(reached.contains(&module), "{}: no module takes it", snapshot.display());
        let (_, name) = snapshot.file_stem().unwrap().to_str().unwrap().rsplit_once("__").unwrap();
        let name = name.split('@').next().unwrap();
        let text = fs::read_to_string(module).unwrap();
        let is_named = [format!("\"{name}\""), format!("\"{name}@")].iter().any(|quoted| text.contains(quoted));
        assert!(is_named, "{}: nothing takes it", snapshot.display());
    }
}
