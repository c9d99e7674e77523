import { listedValuesRule } from '../../mysql/listed-values.ts';

/** Removes, renames or reorders values of an enum, or adds them anywhere but at the end, or crosses a size of storage. */
export const changingEnumValues = listedValuesRule({
  code: 'MY110',
  name: 'changing-enum-values',
  type: 'enum',
  // One byte is enough for 255 values.
  grows: (values, before) => values > 255 && before <= 255,
});
