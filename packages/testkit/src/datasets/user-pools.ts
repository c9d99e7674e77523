import { faker as de } from '@faker-js/faker/locale/de';
import { faker as en } from '@faker-js/faker/locale/en';
import { faker as fr } from '@faker-js/faker/locale/fr';
import { faker as ja } from '@faker-js/faker/locale/ja';
import { faker as pl } from '@faker-js/faker/locale/pl';
import { faker as vi } from '@faker-js/faker/locale/vi';
import { seededRandom } from './random.ts';

/** People of one language: names are only combined within it. */
export interface NamePool {
  /** The language and country for the settings, for example `de-DE`. */
  readonly locale: string;
  readonly firstNames: readonly string[];
  readonly lastNames: readonly string[];
}

/** What users are put together from. */
export interface UserPools {
  /** A language that occurs more often is in the list more often. */
  readonly names: readonly NamePool[];
  readonly domains: readonly string[];
  readonly tags: readonly string[];
  readonly timezones: readonly string[];
}

const languages = [
  { faker: en, locale: 'en-US', weight: 6 },
  { faker: de, locale: 'de-DE', weight: 3 },
  { faker: fr, locale: 'fr-FR', weight: 2 },
  { faker: pl, locale: 'pl-PL', weight: 1 },
  { faker: ja, locale: 'ja-JP', weight: 1 },
  { faker: vi, locale: 'vi-VN', weight: 1 },
] as const;

// Faker leaves rare names rare; a table of names from the field has them, and they break what is quoted by hand.
const apostrophes = ["O'Connor", "D'Angelo", "N'Diaye", "O'Brien-Smith", 'van der Berg', 'McÁvoy', 'Müller "Bär"'];

/**
 * Pre-generates names and words by faker. A pool costs a fraction of a second, where asking faker for each of 200,000 users
 * would take half a minute.
 * @param seed The same seed gives the same pools.
 */
export function userPools(seed: number): UserPools {
  for (const { faker } of languages) faker.seed(seed);
  const names = languages.flatMap(({ faker, locale, weight }) => {
    const firstNames = Array.from({ length: 500 }, () => faker.person.firstName());
    const lastNames = Array.from({ length: 800 }, () => faker.person.lastName());
    const random = seededRandom(seed);
    if (locale !== 'ja-JP') for (const name of apostrophes) lastNames[random.below(lastNames.length)] = name;
    return Array.from({ length: weight }, () => ({ locale, firstNames, lastNames }));
  });
  const domains = Array.from({ length: 300 }, () => `${en.internet.domainWord()}.example`);
  const tags = Array.from({ length: 60 }, () => en.commerce.department().toLowerCase());
  const timezones = Array.from({ length: 60 }, () => en.location.timeZone());
  return { names, domains, tags: [...new Set([...tags, 'early "bird"', 'a,b', 'back\\slash', 'naïve', ''])], timezones };
}
