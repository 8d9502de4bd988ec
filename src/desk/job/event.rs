//! What happened to a job, in order: versioned and serialisable, kept by the journal.
