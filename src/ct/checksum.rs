//! A fast checksum of 128 bits over stored values: two lanes of multiply and fold (the mixing step of wyhash and of
//! rapidhash). It tells changed pixels from unchanged ones; it is no defence against a forger.

/// Odd constants with as many ones as zeros (choice).
const A: u64 = 0x9E37_79B9_7F4A_7C15;
const B: u64 = 0xD6E8_FEB8_6659_FD93;
const C: u64 = 0xA24B_AED4_963E_E407;

fn fold(a: u64, b: u64) -> u64 {
    let wide = u128::from(a) * u128::from(b);
    (wide as u64) ^ (wide >> 64) as u64
}

/// A checksum in the making.
pub(super) struct Checksum {
    lanes: [u64; 2],
    words: u64,
}

impl Checksum {
    pub(super) fn new() -> Checksum {
        Checksum { lanes: [A, B], words: 0 }
    }

    /// Takes in four stored values of 16 bits.
    pub(super) fn add(&mut self, word: u64) {
        self.lanes[0] = fold(self.lanes[0] ^ word, A).rotate_left(23) ^ word;
        self.lanes[1] = fold(self.lanes[1].wrapping_add(word), C) ^ word.rotate_left(32);
        self.words += 1;
    }

    pub(super) fn end(self) -> [u64; 2] {
        let [a, b] = self.lanes;
        [fold(a ^ self.words, B), fold(b ^ self.words ^ A, C) ^ a]
    }
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
        for bit in 0..64 {
            let other = sum(&[1, 2, 3 ^ (1 << bit), 4]);
            assert!(base[0] != other[0] && base[1] != other[1]);
        }
    }
}
