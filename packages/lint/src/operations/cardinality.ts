const few =
  /^(is|has|can)_|(^|_)(status|state|type|kind|category|gender|sex|country|active|enabled|deleted|flag|level|role|plan|tier|month|year|day)$/i;

/** Whether a field has few values, as far as its name tells. */
export function looksFew(field: string): boolean {
  return few.test(field.split('.').at(-1) ?? field);
}
