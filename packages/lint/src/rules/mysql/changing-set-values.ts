import { listedValuesRule } from '../../mysql/listed-values.ts';

/** Removes, renames or reorders values of a set, or adds them anywhere but at the end, or crosses a size of storage. */
export const changingSetValues = listedValuesRule({
  code: 'MY120',
  name: 'changing-set-values',
  type: 'set',
  // A bit for each value.
  grows: (values, before) => Math.ceil(values / 8) !== Math.ceil(before / 8),
});
