//! Start-up from the store's rows: being written.
