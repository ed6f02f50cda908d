//! Tests of the needle room.
