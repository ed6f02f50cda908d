//! Tests of the lesion room.
