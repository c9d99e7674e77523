import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take minutes, however short they are. */
const long =
  /\/(?:conformance[\w-]*|crash|versions|fencing|concurrent|connections|operations|severed-loads|threads|interruption)\.test\.ts$/;

/**
 * Begins the files of each project with those that take minutes: where nothing is known of earlier runs, as in CI, vitest goes by the size of a
 * file, and one core would wait at the end until the other is done with a short file of long tests.
 */
export default class LongFilesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const projects = [...new Set(sorted.map(({ project }) => project))];
    const rank = ({ project, moduleId }: TestSpecification): number =>
      2 * projects.indexOf(project) + (long.test(moduleId) ? 0 : 1);
    return sorted.sort((one, other) => rank(one) - rank(other));
  }
}
