//! The embedded stand-in for Seam: an HTTP server on loopback with virtual encoders and cards.
