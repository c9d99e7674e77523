import { operationTypes } from '../../packages/core/dist/index.js';
import { table } from './markdown.mjs';

const bytes = (count) =>
  Number.isFinite(count) ? (count >= 2 ** 20 ? `${Math.round(count / 2 ** 20)} MiB` : `${count} bytes`) : 'no limit';

/** The capabilities of an adapter, as its page and its README show them. */
export function capabilityTable(adapter) {
  const { capabilities } = adapter;
  const rows = operationTypes.map((type) => {
    const support = capabilities.operations[type];
    if (!support.supported)
      return [`\`${type}\``, 'no', '', '', [support.reason, support.instead ? `Instead: ${support.instead}` : ''].join(' ')];
    return [`\`${type}\``, support.online ? 'online' : 'blocking', support.atomic, support.undo, support.note ?? ''];
  });
  return [
    table(['operation', 'carried', 'atomic by', 'undo', 'note'], rows),
    '',
    table(
      ['capability', 'value'],
      [
        ['transactions', capabilities.transactions.replace('_', ' ')],
        ['validation schema', capabilities.validation],
        ['fixed columns', capabilities.fixed_columns ? 'yes' : 'no'],
        ['nested values', capabilities.nested ? 'yes' : 'no'],
        ['ETL', [capabilities.source && 'source', capabilities.sink && 'sink'].filter(Boolean).join(' and ') || 'no'],
        ['rollback scripts', scripts(capabilities.rollback_scripts)],
        ['rows in a write', capabilities.limits.batch_rows.toLocaleString('en')],
        ['bytes in a write', bytes(capabilities.limits.batch_bytes)],
        ['bytes in a row', bytes(capabilities.limits.row_bytes)],
      ],
    ),
  ].join('\n');
}

/** Whether `down --print` works, and where it does not, why. */
function scripts(support) {
  if (support?.supported !== true) return `no: ${support?.reason ?? 'its adapter writes none.'}`;
  const refused = Object.entries(support.refused).map(([type, reason]) => `not for \`${type}\`: ${reason}`);
  return [`${support.language}, by \`${support.run_with}\``, ...refused].join('; ');
}
