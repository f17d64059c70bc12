//! SCCP connectionless service (ITU-T Q.711-Q.714).
