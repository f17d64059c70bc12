//! The client's side: builds requests and reads answers. For laboratories and tests.
