//! TCAP dialogues and invocations (ITU-T Q.771-Q.774).
