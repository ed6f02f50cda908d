//! The search for one needle or several.
//!
//! In: a lesion's [`crate::needle::Surroundings`], the catalogue, a [`Request`]. Out: a [`Proposal`]: the needles, truly
//! different alternatives with their reasons, or what stops most entries and the nearest miss.
//!
//! `search` tries every voxel of the skin against several aims in the lesion; `aims` chooses those; `merits` weighs what
//! passes; `several` puts needles together; `offer` chooses what to show and says why; `miss` tells why there is none.
//! Whatever is proposed was held before the exact judge. Nothing depends on the number of threads.

mod aims;
mod merits;
mod miss;
mod offer;
mod search;
mod several;

pub use merits::Merits;
pub use miss::{Miss, Stopped};
pub use offer::{Offer, Reason};
pub use search::{PlacementError, Proposal, Request, propose};
