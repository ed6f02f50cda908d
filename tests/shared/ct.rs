//! Tests of the ct room.
