//! A fast checksum of 128 bits over stored values: four lanes of multiply and fold (the mixing step of wyhash and of
//! rapidhash), words dealt out to them in turn, so that they do not wait for each other. It tells changed pixels from
//! unchanged ones; it is no defence against a forger.

/// Odd constants with about as many ones as zeros, one for each lane (choice).
const KEYS: [u64; LANES] = [0x9E37_79B9_7F4A_7C15, 0xD6E8_FEB8_6659_FD93, 0xA24B_AED4_963E_E407, 0xC2B2_AE3D_27D4_EB4F];

/// Lanes.
const LANES: usize = 4;

fn fold(a: u64, b: u64) -> u64 {
    let wide = u128::from(a) * u128::from(b);
    (wide as u64) ^ (wide >> 64) as u64
}

/// A checksum in the making.
pub(super) struct Checksum {
    lanes: [u64; LANES],
    words: u64,
}

impl Checksum {
    pub(super) fn new() -> Checksum {
        Checksum { lanes: KEYS, words: 0 }
    }

    /// Takes in four stored values of 16 bits.
    pub(super) fn add(&mut self, word: u64) {
        let n = self.words as usize % LANES;
        self.lanes[n] = mixed(self.lanes[n], word, KEYS[n]);
        self.words += 1;
    }

    /// Takes in words in their order; the same as one after the other.
    pub(super) fn add_all(&mut self, words: [u64; LANES]) {
        if !self.words.is_multiple_of(LANES as u64) {
            return words.into_iter().for_each(|w| self.add(w));
        }
        for n in 0..LANES {
            self.lanes[n] = mixed(self.lanes[n], words[n], KEYS[n]);
        }
        self.words += LANES as u64;
    }

    pub(super) fn end(self) -> [u64; 2] {
        let mix = |seed: u64| {
            self.lanes
                .iter()
                .zip(KEYS)
                .fold(seed ^ self.words, |sum, (lane, key)| fold(sum ^ lane, key) ^ lane.rotate_left(29))
        };
        [mix(KEYS[1]), mix(KEYS[2].rotate_left(17))]
    }
}

/// A lane with a word taken in. The word stands beside the product too: where it meets the lane's own value, the product
/// is 0.
fn mixed(lane: u64, word: u64, key: u64) -> u64 {
    fold(lane ^ word, key).wrapping_add(word.rotate_left(32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_every_bit_count() {
        let sum = |w: &[u64]| {
            let mut c = Checksum::new();
            w.iter().for_each(|x| c.add(*x));
            c.end()
        };
        let base = sum(&[1, 2, 3, 4]);
        assert_ne!(base, sum(&[2, 1, 3, 4]));
        assert_ne!(base, sum(&[1, 2, 3, 4, 0]));
        // All at once is the same as one by one, wherever it begins.
        for ahead in 0..3 {
            let (mut one, mut all) = (Checksum::new(), Checksum::new());
            for c in [&mut one, &mut all] {
                (0..ahead).for_each(|n| c.add(n + 7));
            }
            (1..=4).for_each(|w| one.add(w));
            all.add_all([1, 2, 3, 4]);
            assert_eq!(one.end(), all.end());
        }
        for bit in 0..64 {
            let other = sum(&[1, 2, 3 ^ (1 << bit), 4]);
            assert!(base[0] != other[0] && base[1] != other[1]);
        }
    }
}
