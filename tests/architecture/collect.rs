//! Every name that the source names: by `use`, by full path, by alias or glob, in attributes and in the tokens of macros.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};
use syn::visit::{self, Visit};

use crate::names::{Kind, Name, Path, Tree};

/// Whether an attribute makes its item one for tests: `#[test]`, `#[x::test]`, `#[cfg(test)]`, `#[cfg(all(test, …))]`.
fn is_for_tests(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        syn::Meta::List(list) if list.path.is_ident("cfg") => {
            let condition = list.tokens.to_string().replace(' ', "");
            condition == "test" || condition.starts_with("all(test,")
        }
        meta => meta.path().segments.last().is_some_and(|segment| segment.ident == "test"),
    })
}

fn attributes_of(item: &syn::Item) -> &[syn::Attribute] {
    match item {
        syn::Item::Const(item) => &item.attrs,
        syn::Item::Enum(item) => &item.attrs,
        syn::Item::Fn(item) => &item.attrs,
        syn::Item::Impl(item) => &item.attrs,
        syn::Item::Macro(item) => &item.attrs,
        syn::Item::Mod(item) => &item.attrs,
        syn::Item::Static(item) => &item.attrs,
        syn::Item::Struct(item) => &item.attrs,
        syn::Item::Trait(item) => &item.attrs,
        syn::Item::Type(item) => &item.attrs,
        syn::Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// Gathers the names of one file.
pub struct Collector<'t> {
    tree: &'t mut Tree,
    file: &'t str,
    module: Path,
    in_test: bool,
    /// What `Self` stands for.
    self_type: Option<Path>,
    in_attribute: bool,
}

impl<'t> Collector<'t> {
    pub fn new(tree: &'t mut Tree, file: &'t str, module: Path) -> Collector<'t> {
        tree.module(&module);
        Collector { tree, file, module, in_test: false, self_type: None, in_attribute: false }
    }

    fn name(&mut self, written: Path, kind: Kind) {
        let name =
            Name { file: self.file.to_owned(), module: self.module.clone(), written, kind, in_test: self.in_test };
        self.tree.names.push(name);
    }

    fn alias(&mut self, alias: String, target: Path) {
        let module = self.tree.module(&self.module);
        module.aliases.entry(alias).or_default().push(target);
    }

    /// An imported name with the alias that it gets here.
    fn import(&mut self, path: Path, alias: Option<String>) {
        if let Some(alias) = alias.filter(|alias| alias != "_") {
            self.alias(alias, path.clone());
        }
        self.name(path, Kind::Use);
    }

    fn glob(&mut self, path: Path) {
        self.tree.module(&self.module).globs.push(path.clone());
        self.name(path, Kind::Glob);
    }

    fn use_tree(&mut self, mut prefix: Path, tree: &syn::UseTree) {
        match tree {
            syn::UseTree::Path(path) => {
                prefix.push(plain(&path.ident));
                self.use_tree(prefix, &path.tree);
            }
            syn::UseTree::Name(name) if name.ident == "self" => {
                let alias = prefix.last().cloned();
                self.import(prefix, alias);
            }
            syn::UseTree::Name(name) => {
                prefix.push(plain(&name.ident));
                self.import(prefix, Some(plain(&name.ident)));
            }
            syn::UseTree::Rename(rename) => {
                if rename.ident != "self" {
                    prefix.push(plain(&rename.ident));
                }
                self.import(prefix, Some(plain(&rename.rename)));
            }
            syn::UseTree::Glob(_) => self.glob(prefix),
            syn::UseTree::Group(group) => group.items.iter().for_each(|tree| self.use_tree(prefix.clone(), tree)),
        }
    }

    /// `<T>::name`: the type's path with what follows it.
    fn qualified(&mut self, qself: Option<&syn::QSelf>, path: &syn::Path) {
        if let Some(qself) = qself
            && let syn::Type::Path(ty) = &*qself.ty
        {
            let rest = path.segments.iter().skip(qself.position).map(|segment| plain(&segment.ident));
            let whole = segments(&ty.path).into_iter().chain(rest).collect();
            self.with_self(whole);
        }
    }

    /// Names a path; where it begins with `Self`, also what that stands for.
    fn with_self(&mut self, path: Path) {
        if path[0] == "Self"
            && let Some(self_type) = &self.self_type
        {
            self.name([&self_type[..], &path[1..]].concat(), Kind::Path);
        }
        self.name(path, Kind::Path);
    }

    fn text(&mut self, text: &str) {
        // Attributes name functions in texts: `#[serde(default = "some::path")]`.
        if let Ok(path) = syn::parse_str::<syn::Path>(text)
            && path.segments.len() > 1
        {
            self.name(segments(&path), Kind::Path);
        }
    }

    /// All paths in tokens that no one has parsed.
    fn tokens(&mut self, tokens: TokenStream) {
        let trees: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        while at < trees.len() {
            match &trees[at] {
                TokenTree::Ident(_) => {
                    let in_use = at > 0 && matches!(&trees[at - 1], TokenTree::Ident(word) if *word == "use");
                    at = self.path_in(&trees, at, Vec::new(), in_use);
                }
                TokenTree::Punct(_)
                    if double_colon(&trees, at) && matches!(trees.get(at + 2), Some(TokenTree::Ident(_))) =>
                {
                    let in_use = at > 0 && matches!(&trees[at - 1], TokenTree::Ident(word) if *word == "use");
                    at = self.path_in(&trees, at + 2, vec!["::".to_owned()], in_use);
                }
                TokenTree::Group(group) => {
                    self.tokens(group.stream());
                    at += 1;
                }
                TokenTree::Literal(literal) => {
                    if self.in_attribute
                        && let Ok(text) = syn::parse_str::<syn::LitStr>(&literal.to_string())
                    {
                        self.text(&text.value());
                    }
                    at += 1;
                }
                TokenTree::Punct(_) => at += 1,
            }
        }
    }

    /// The path that begins with the identifier at `at`; says where it ends.
    fn path_in(&mut self, trees: &[TokenTree], mut at: usize, mut path: Path, in_use: bool) -> usize {
        while let Some(TokenTree::Ident(segment)) = trees.get(at) {
            path.push(plain(segment));
            at += 1;
            if !double_colon(trees, at) {
                break;
            }
            match trees.get(at + 2) {
                Some(TokenTree::Ident(_)) => at += 2,
                Some(TokenTree::Punct(star)) if star.as_char() == '*' => {
                    self.glob(path);
                    return at + 3;
                }
                Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                    let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                    self.group_in(&inner, &path, in_use);
                    return at + 3;
                }
                _ => break,
            }
        }
        let renamed = match (trees.get(at), trees.get(at + 1)) {
            (Some(TokenTree::Ident(word)), Some(TokenTree::Ident(alias))) if in_use && *word == "as" => {
                Some(plain(alias))
            }
            _ => None,
        };
        if in_use {
            if path.last().is_some_and(|last| last == "self") && path.len() > 1 {
                path.pop();
            }
            let alias = renamed.clone().or_else(|| path.last().cloned());
            self.import(path, alias);
            return at + if renamed.is_some() { 2 } else { 0 };
        }
        let is_macro = matches!(trees.get(at), Some(TokenTree::Punct(bang)) if bang.as_char() == '!')
            && matches!(trees.get(at + 1), Some(TokenTree::Group(_)));
        if is_macro {
            self.name(path, Kind::Macro);
        } else {
            self.with_self(path);
        }
        at
    }

    /// The members of `prefix::{…}` in tokens.
    fn group_in(&mut self, trees: &[TokenTree], prefix: &Path, in_use: bool) {
        let mut at = 0;
        while at < trees.len() {
            match &trees[at] {
                TokenTree::Ident(_) => at = self.path_in(trees, at, prefix.clone(), in_use),
                TokenTree::Punct(star) if star.as_char() == '*' => {
                    self.glob(prefix.clone());
                    at += 1;
                }
                _ => at += 1,
            }
        }
    }
}

fn double_colon(trees: &[TokenTree], at: usize) -> bool {
    let colon = |at: usize, joint: bool| matches!(trees.get(at), Some(TokenTree::Punct(p)) if p.as_char() == ':' && (!joint || p.spacing() == Spacing::Joint));
    colon(at, true) && colon(at + 1, false)
}

fn plain(ident: &syn::Ident) -> String {
    ident.to_string().trim_start_matches("r#").to_owned()
}

fn segments(path: &syn::Path) -> Path {
    let leading = path.leading_colon.map(|_| "::".to_owned());
    leading.into_iter().chain(path.segments.iter().map(|segment| plain(&segment.ident))).collect()
}

impl<'ast> Visit<'ast> for Collector<'_> {
    fn visit_file(&mut self, file: &'ast syn::File) {
        self.in_test = is_for_tests(&file.attrs);
        visit::visit_file(self, file);
    }

    fn visit_item(&mut self, item: &'ast syn::Item) {
        let before = self.in_test;
        self.in_test |= is_for_tests(attributes_of(item));
        visit::visit_item(self, item);
        self.in_test = before;
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        self.module.push(plain(&item.ident));
        if item.content.is_some() {
            self.tree.module(&self.module);
        } else if self.in_test {
            self.tree.test_modules.insert(self.module.clone());
        }
        visit::visit_item_mod(self, item);
        self.module.pop();
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        let prefix = item.leading_colon.map(|_| "::".to_owned()).into_iter().collect();
        self.use_tree(prefix, &item.tree);
    }

    fn visit_item_extern_crate(&mut self, item: &'ast syn::ItemExternCrate) {
        let alias = item.rename.as_ref().map_or(&item.ident, |(_, rename)| rename);
        self.import(vec!["::".to_owned(), plain(&item.ident)], Some(plain(alias)));
    }

    fn visit_item_type(&mut self, item: &'ast syn::ItemType) {
        if let syn::Type::Path(ty) = &*item.ty {
            self.alias(plain(&item.ident), segments(&ty.path));
        }
        visit::visit_item_type(self, item);
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        let before = self.self_type.take();
        if let syn::Type::Path(ty) = &*item.self_ty {
            self.self_type = Some(segments(&ty.path));
        }
        visit::visit_item_impl(self, item);
        self.self_type = before;
    }

    fn visit_expr_path(&mut self, expr: &'ast syn::ExprPath) {
        self.qualified(expr.qself.as_ref(), &expr.path);
        visit::visit_expr_path(self, expr);
    }

    fn visit_type_path(&mut self, ty: &'ast syn::TypePath) {
        self.qualified(ty.qself.as_ref(), &ty.path);
        visit::visit_type_path(self, ty);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.with_self(segments(path));
        visit::visit_path(self, path);
    }

    fn visit_attribute(&mut self, attribute: &'ast syn::Attribute) {
        if !attribute.path().is_ident("doc") {
            self.in_attribute = true;
            visit::visit_attribute(self, attribute);
            self.in_attribute = false;
        }
    }

    fn visit_lit_str(&mut self, text: &'ast syn::LitStr) {
        if self.in_attribute {
            self.text(&text.value());
        }
    }

    fn visit_macro(&mut self, invoked: &'ast syn::Macro) {
        self.name(segments(&invoked.path), Kind::Macro);
        visit::visit_macro(self, invoked);
    }

    fn visit_token_stream(&mut self, tokens: &'ast TokenStream) {
        self.tokens(tokens.clone());
    }
}
