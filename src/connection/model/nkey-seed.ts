const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const SEED_BYTES = 36;

/** Whether `text` is the seed of an NKEY (`SU…`): 58 characters of base32 whose checksum is right. */
export function isNkeySeed(text: string): boolean {
  if (!/^S[A-Z2-7]{57}$/.test(text)) return false;
  const bytes = base32Bytes(text);
  const checksum = (bytes[SEED_BYTES - 2] ?? 0) | ((bytes[SEED_BYTES - 1] ?? 0) << 8);
  return crc16(bytes.subarray(0, SEED_BYTES - 2)) === checksum;
}

/** The 32 bytes of the private key in a seed that is valid. */
export function seedKeyBytes(seed: string): Uint8Array {
  return base32Bytes(seed).subarray(2, SEED_BYTES - 2);
}

/** What the text of a user's public key begins with, as its first byte: U. */
const USER_PREFIX = 20 << 3;

/** A user's public key as text (`U…`). */
export function encodeUserKey(key: Uint8Array): string {
  const body = Uint8Array.of(USER_PREFIX, ...key);
  const checksum = crc16(body);
  return base32Text(Uint8Array.of(...body, checksum & 0xff, checksum >> 8));
}

function base32Text(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    bits = ((bits << 8) | byte) & 0xfff;
    held += 8;
    for (; held >= 5; held -= 5) text += ALPHABET[(bits >> (held - 5)) & 31] ?? '';
  }
  return held === 0 ? text : `${text}${ALPHABET[(bits << (5 - held)) & 31] ?? ''}`;
}

function base32Bytes(text: string): Uint8Array {
  const bytes = new Uint8Array(SEED_BYTES);
  let bits = 0;
  let held = 0;
  let at = 0;
  for (const letter of text) {
    bits = ((bits << 5) | ALPHABET.indexOf(letter)) & 0xfff;
    held += 5;
    if (held < 8) continue;
    held -= 8;
    bytes[at++] = bits >> held;
  }
  return bytes;
}

/** CRC-16/XMODEM. */
function crc16(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++)
      crc = (crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1) & 0xffff;
  }
  return crc;
}
