//! What the names of the source stand for, once the aliases and globs of all modules are followed.

use std::collections::{BTreeMap, BTreeSet};

use syn::visit::Visit as _;

use crate::collect::Collector;

/// Segments from the root of the crate on, or as they were written.
pub type Path = Vec<String>;

/// How deep aliases are followed; deeper ones go in circles.
const DEPTH: u32 = 12;

/// A file of the crate.
pub struct Source {
    /// As in `src/desk/card.rs`.
    pub file: String,
    /// Its Rust.
    pub text: String,
}

/// How something was named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Use,
    Glob,
    Path,
    Macro,
}

/// One place where something is named.
#[derive(Debug)]
pub struct Name {
    pub file: String,
    /// The module in which it stands.
    pub module: Path,
    /// As written; a leading `::` is a segment of its own.
    pub written: Path,
    pub kind: Kind,
    /// Whether it is compiled for tests only.
    pub in_test: bool,
}

/// What a module's names stand for.
#[derive(Default)]
pub struct Module {
    pub aliases: BTreeMap<String, Vec<Path>>,
    pub globs: Vec<Path>,
}

/// All modules of the crate and all that they name.
#[derive(Default)]
pub struct Tree {
    modules: BTreeMap<Path, Module>,
    pub names: Vec<Name>,
    /// Modules with a file of their own that are compiled for tests only.
    pub test_modules: BTreeSet<Path>,
}

impl Tree {
    /// Reads a whole crate.
    pub fn read(sources: &[Source]) -> Tree {
        let parsed: Vec<_> = sources
            .iter()
            .map(|source| (source, syn::parse_file(&source.text).unwrap_or_else(|e| panic!("{}: {e}", source.file))))
            .collect();
        let moved: BTreeMap<String, Path> =
            parsed.iter().flat_map(|(source, ast)| moved_modules(&source.file, ast)).collect();
        let mut tree = Tree::default();
        for (source, ast) in &parsed {
            let module = moved.get(&source.file).cloned().unwrap_or_else(|| module_of(&source.file));
            Collector::new(&mut tree, &source.file, module).visit_file(ast);
        }
        for name in &mut tree.names {
            name.in_test |= (1..=name.module.len()).any(|n| tree.test_modules.contains(&name.module[..n]));
        }
        tree
    }

    /// A module of the crate, to be filled.
    pub fn module(&mut self, path: &Path) -> &mut Module {
        self.modules.entry(path.clone()).or_default()
    }

    pub fn has_module(&self, path: &[String]) -> bool {
        self.modules.contains_key(path)
    }

    pub fn modules(&self) -> impl Iterator<Item = &Path> {
        self.modules.keys()
    }

    /// All that a name stands for, every alias on the way included: paths that begin with `crate`, or with the name
    /// of another crate (`core` and `alloc` count as `std`).
    pub fn meanings(&self, name: &Name) -> Vec<Path> {
        let mut found = Vec::new();
        self.relative(&name.module, &name.written, DEPTH, &mut found);
        for path in &mut found {
            if matches!(path[0].as_str(), "core" | "alloc") {
                "std".clone_into(&mut path[0]);
            }
        }
        found
    }

    fn relative(&self, module: &[String], path: &[String], depth: u32, found: &mut Vec<Path>) {
        let Some((first, rest)) = path.split_first() else { return };
        match first.as_str() {
            "::" => found.push(rest.to_vec()),
            "crate" | "keydesk" => self.absolute(rest, depth, found),
            "self" => self.absolute(&[module, rest].concat(), depth, found),
            "super" => {
                let above = module.split_last().map_or(&[][..], |(_, above)| above);
                let is_module = rest.first().is_some_and(|next| next == "super");
                if is_module {
                    self.relative(above, rest, depth, found);
                } else {
                    self.absolute(&[above, rest].concat(), depth, found);
                }
            }
            _ => {
                let own = [module, path].concat();
                if depth > 0
                    && (self.has_module(&own[..=module.len()]) || !self.targets(module, first, depth).is_empty())
                {
                    self.absolute(&own, depth, found);
                } else {
                    found.push(path.to_vec());
                }
            }
        }
        found.retain(|path| !path.is_empty());
    }

    fn absolute(&self, path: &[String], depth: u32, found: &mut Vec<Path>) {
        found.push([&["crate".to_owned()], path].concat());
        if depth == 0 {
            return;
        }
        let inside = (0..=path.len()).rev().find(|n| self.has_module(&path[..*n])).unwrap_or(0);
        let (module, item) = path.split_at(inside);
        if let Some((name, rest)) = item.split_first() {
            for target in self.targets(module, name, depth) {
                self.relative(module, &[&target[..], rest].concat(), depth - 1, found);
            }
        }
    }

    /// What a name of a module is an alias for, by itself or by a glob.
    fn targets(&self, module: &[String], name: &str, depth: u32) -> Vec<Path> {
        let Some(content) = self.modules.get(module) else { return Vec::new() };
        if let Some(targets) = content.aliases.get(name) {
            return targets.clone();
        }
        if depth == 0 {
            return Vec::new();
        }
        let mut through = Vec::new();
        for glob in &content.globs {
            let mut meanings = Vec::new();
            self.relative(module, glob, depth - 1, &mut meanings);
            for meaning in meanings.iter().filter(|meaning| meaning[0] == "crate") {
                let named = [&meaning[1..], &[name.to_owned()]].concat();
                if &meaning[1..] != module
                    && (self.has_module(&named) || !self.targets(&meaning[1..], name, depth - 1).is_empty())
                {
                    through.push([&["crate".to_owned()], &named[..]].concat());
                }
            }
        }
        through
    }
}

/// The module of a file by its place: `src/lib.rs` is the root, `src/main.rs` stands for itself.
fn module_of(file: &str) -> Path {
    let inside = file.trim_start_matches("src/").trim_end_matches(".rs");
    let mut module: Path = inside.split('/').map(str::to_owned).collect();
    if matches!(module.last().map(String::as_str), Some("mod" | "lib")) {
        module.pop();
    }
    module
}

/// The modules of a file that `#[path]` puts elsewhere: file and module.
fn moved_modules(file: &str, ast: &syn::File) -> Vec<(String, Path)> {
    let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut moved = Vec::new();
    for item in &ast.items {
        let syn::Item::Mod(item) = item else { continue };
        for attribute in &item.attrs {
            if let syn::Meta::NameValue(pair) = &attribute.meta
                && pair.path.is_ident("path")
                && let syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(place), .. }) = &pair.value
            {
                let module = [module_of(file), vec![item.ident.to_string()]].concat();
                moved.push((format!("{folder}/{}", place.value()), module));
            }
        }
    }
    moved
}
