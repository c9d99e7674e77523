import type { DoctorReport } from '../runner/reports.ts';
import type { VersionsStatus } from './versions-status.ts';

type Finding = DoctorReport['findings'][number];

/** What is wrong where two versions of a collection are in use: writes that fit only one of them. That they are in use is no fault. */
export function versionsFindings(versions: VersionsStatus | null): Finding[] {
  const refused = versions?.collections.filter((each) => each.refused > 0) ?? [];
  if (!versions || refused.length === 0) return [];
  return [
    {
      finding: `since version ${versions.version} two versions of a collection are in use, and some writes fit only one of them`,
      details: refused.map((each) => `${each.collection}: ${each.refused} rows are not equal in both versions`),
      choices: [
        {
          command: 'the client of your store',
          outcome: 'correct the rows, which `polyshift verify` names: a write that fits both versions carries them over',
        },
        { command: 'polyshift down', outcome: 'drops the new version, where none of these writes would be lost by that' },
      ],
    },
  ];
}
