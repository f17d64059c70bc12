//! MAP operations of location services and subscriber data (TS 29.002).
