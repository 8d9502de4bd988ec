//! Which addresses the client talks to: https anywhere, plain http only to this machine.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::Url;
use thiserror::Error;

use crate::seam::lenient::clean;

/// What `localhost` means, whatever a resolver says: a key must not travel because of one. Port 0: that of the URL.
pub(super) const LOCALHOST: [SocketAddr; 2] =
    [SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0), SocketAddr::new(IpAddr::V6(Ipv6Addr::LOCALHOST), 0)];

/// Why an address can't be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum EndpointError {
    /// Not an address that starts with `https://` or `http://`.
    #[error("{0:?} is not an address like https://connect.getseam.com.")]
    NotAnAddress(String),
    /// It carries more than host, port and path.
    #[error("The endpoint must be an address alone: no user name, password, question mark or number sign in it.")]
    TooMuch,
    /// Plain http to another machine.
    #[error("Plain http to {0} would send the key readable over the network: use https, or set allow_insecure = true.")]
    Insecure(String),
}

/// An address that may be used.
#[derive(Debug)]
pub(super) struct ServerAddress {
    /// Scheme, host, port and path without a slash at the end.
    pub base: String,
    /// Host and port, fit for a screen.
    pub host: String,
    /// Whether it is https.
    pub is_tls: bool,
    /// Whether it is this machine.
    pub is_loopback: bool,
}

/// Tells whether an address may be used as endpoint.
///
/// # Errors
/// An [`EndpointError`] with a plain sentence when it may not.
pub fn check_endpoint(endpoint: &str, allow_insecure: bool) -> Result<(), EndpointError> {
    parse(endpoint, allow_insecure).map(drop)
}

pub(super) fn parse(endpoint: &str, allow_insecure: bool) -> Result<ServerAddress, EndpointError> {
    // Only the beginning is shown: what follows may be a password that stands in the wrong place.
    let not_an_address = || EndpointError::NotAnAddress(clean(endpoint).chars().take(8).chain("…".chars()).collect());
    let url = Url::parse(endpoint.trim()).map_err(|_| not_an_address())?;
    let is_tls = match url.scheme() {
        "https" => true,
        "http" => false,
        _ => return Err(not_an_address()),
    };
    let name = url.host_str().filter(|name| !name.is_empty()).ok_or_else(not_an_address)?;
    if !url.username().is_empty() || url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
        return Err(EndpointError::TooMuch);
    }
    let is_loopback = is_loopback(name);
    let host = url.port().map_or_else(|| name.to_owned(), |port| format!("{name}:{port}"));
    if !is_tls && !is_loopback && !allow_insecure {
        return Err(EndpointError::Insecure(host));
    }
    Ok(ServerAddress { base: url.as_str().trim_end_matches('/').to_owned(), host, is_tls, is_loopback })
}

fn is_loopback(name: &str) -> bool {
    let address = name.trim_start_matches('[').trim_end_matches(']');
    name == "localhost" || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_stays_on_this_machine() {
        for here in
            ["http://127.0.0.1:4010", "http://127.8.9.1", "http://[::1]:80/", "http://localhost:1", "http://127.1"]
        {
            assert!(parse(here, false).unwrap().is_loopback, "{here}");
        }
        for elsewhere in
            ["http://connect.getseam.com", "http://0.0.0.0", "http://10.0.0.7:80", "http://localhost.example.com"]
        {
            assert!(matches!(parse(elsewhere, false), Err(EndpointError::Insecure(_))), "{elsewhere}");
            assert!(!parse(elsewhere, true).unwrap().is_loopback);
        }
        assert!(parse("https://connect.getseam.com", false).unwrap().is_tls);
    }

    #[test]
    fn an_address_is_host_port_and_path_alone() {
        assert_eq!(parse("https://proxy.example/seam//", false).unwrap().base, "https://proxy.example/seam");
        assert_eq!(parse(" https://proxy.example:8443 ", false).unwrap().host, "proxy.example:8443");
        for odd in ["", "connect.getseam.com", "ftp://x", "https://", "seam_test_key"] {
            assert!(matches!(parse(odd, true), Err(EndpointError::NotAnAddress(_))), "{odd}");
        }
        for much in ["https://u@x", "https://:p@x", "https://x?a=b", "https://x#a"] {
            assert_eq!(parse(much, true).unwrap_err(), EndpointError::TooMuch, "{much}");
        }
    }

    #[test]
    fn what_stands_in_the_wrong_place_is_not_shown() {
        assert!(!parse("seam_test_abcdefgh", false).unwrap_err().to_string().contains("abc"));
        assert!(!parse("https://user:geheim@x", false).unwrap_err().to_string().contains("geheim"));
    }
}
