//! SCCP over M3UA from outside: whole nodes under a hand-moved clock, codecs under arbitrary values, hostile octets.

mod codecs;
mod hostile;
mod simulation;
mod world;
