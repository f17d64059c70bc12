//! privacy

pub mod disclosure;

pub use disclosure::SubjectSalt;
