import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freshDatabase, startServer } from '@polyshift/testkit';
import { runMeasured } from '../lib/run-measured.mjs';
import { medians } from '../lib/statistics.mjs';

/** Runs of each command in a round; what is kept of a round is their median. */
const runs = 5;
/** Seconds that a short command may take. */
const wanted = 0.3;

const root = fileURLToPath(new URL('../../', import.meta.url));
/** What the command runs from where it is installed; named here, so that a build that comes in between does not turn it to the packages. */
const bundle = join(root, 'packages/cli/dist/bundle/main.js');
const servers = [];

/** What is taken as a project: five versions, of which three are applied; the last one is a script on PostgreSQL. */
function migrationsOf(store) {
  const field = (name) => `operations:\n  - { type: add_field, collection: users, data: { field_name: ${name}, type: text } }\n`;
  return {
    '0001_users.yaml': `operations:\n  - { type: create_collection, collection: users, data: { fields: [{ name: id, type: int64 }] } }\n`,
    '0002_email.yaml': field('email'),
    '0003_phone.yaml': field('phone'),
    '0004_city.yaml': field('city'),
    ...(store === 'postgresql'
      ? {
          '0005_emails.up.sql': 'CREATE VIEW emails AS SELECT email FROM users;\n',
          '0005_emails.down.sql': 'DROP VIEW emails;\n',
        }
      : { '0005_street.yaml': field('street') }),
  };
}

/** A project with a store on a server of its own, at version 0003. */
async function project(bench, store) {
  const server = await startServer(store, { kinds: ['native', 'stand_in'] });
  servers.push(server);
  const { url } = await freshDatabase({ store, url: server.url }, 'start');
  const folder = await bench.folder('start');
  await mkdir(join(folder, 'migrations'));
  await writeFile(join(folder, 'polyshift.config.yaml'), `stores: { main: { type: ${store}, url: ${JSON.stringify(url)} } }\n`);
  for (const [name, text] of Object.entries(migrationsOf(store))) await writeFile(join(folder, 'migrations', name), text);
  await runMeasured({ file: process.execPath, args: [bench.polyshift, 'up', '--yes', '--to', '0003'], cwd: folder });
  return folder;
}

/** A command that is run some times in a row; what it prints is not looked at. */
function command(name, kind, args, cwd, note) {
  const once = async () => {
    // Memory is looked at too seldom to be told of what is so short.
    const { seconds, cpu_seconds } = await runMeasured({ file: process.execPath, args, cwd });
    return { seconds, cpu_seconds };
  };
  return {
    name,
    kind,
    note,
    async measure() {
      const measured = [];
      for (let run = 0; run < runs; run++) measured.push(await once());
      return medians(measured);
    },
  };
}

/** The commands that have a target. */
const short = ['--help', 'status, PostgreSQL', 'plan, PostgreSQL', 'status, MongoDB', 'plan, MongoDB'];

export const suite = {
  name: 'start',
  title: 'How soon a short command has answered',
  description: `From the start of the process to its end, against Node that does nothing; the median of ${runs} runs in a row in each round. The project has five versions, of which three are applied. The published command is a bundle; one line shows \`status\` by the packages that it is made of.`,
  async contenders(bench) {
    await runMeasured({ file: process.execPath, args: [join(root, 'scripts/bundle-command.mjs')] });
    const [postgresql, mongodb] = [await project(bench, 'postgresql'), await project(bench, 'mongodb')];
    const polyshift = (name, args, cwd, note) => command(name, 'polyshift', [bundle, ...args], cwd, note);
    return [
      command('node that does nothing', 'limit', ['-e', '0'], postgresql),
      polyshift('--help', ['--help'], postgresql),
      polyshift('status, PostgreSQL', ['status'], postgresql),
      polyshift(
        'plan, PostgreSQL',
        ['plan'],
        postgresql,
        'one of the two versions is SQL, which the grammar of PostgreSQL parses',
      ),
      polyshift('status, MongoDB', ['status'], mongodb),
      polyshift('plan, MongoDB', ['plan'], mongodb, 'tries out what the server can do'),
      command(
        'status, PostgreSQL, without the bundle',
        'polyshift',
        [join(root, 'packages/cli/dist/main.js'), 'status'],
        postgresql,
        'as in a checkout that is only compiled',
      ),
    ];
  },
  targets: (of) => short.map((name) => ({ text: `${name}: seconds`, value: of(name)?.median.seconds, wanted, better: 'less' })),
  async end() {
    for (const server of servers) await server.stop();
  },
};
