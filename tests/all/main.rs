//! Behaviour from the outside, in one binary: it links the window once.

mod store;
