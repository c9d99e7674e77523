/** The part of every password of these tests that no text may show, in whatever form the rest is written. */
const core = 's3cr3tZq9Xw7';

/** A password with every character that a URL, a shell, JSON, YAML or SQL takes for something else. */
export const password = `p@/:?#[]%41&=+ "\\\`$é${core}'!`;

/** One that nobody has percent-encoded, for URLs that most drivers take for something else. */
export const rawPassword = `p@${core}/${core}:9#x`;

/** The core in base64 begins at one of three places of a group of three bytes. */
const encoded = [0, 1, 2].map((offset) => {
  const text = Buffer.from('x'.repeat(offset) + core).toString('base64');
  return text.slice(Math.ceil((offset * 4) / 3), -4);
});

/** The forms in which a text shows the secret; none where it is free of it. */
export function secretsIn(text: string): string[] {
  return [core, ...encoded, Buffer.from(core).toString('hex')].filter((form) => text.includes(form));
}
