import { join } from 'node:path';

/** Packages of the JDK that Cassandra 5 uses though they are closed, by module: what its own start script opens on Java 17. */
const exported: Readonly<Record<string, readonly string[]>> = {
  'java.base': ['jdk.internal.misc', 'jdk.internal.ref', 'sun.nio.ch'],
  'java.management.rmi': ['com.sun.jmx.remote.internal.rmi'],
  'java.rmi': ['sun.rmi.registry', 'sun.rmi.server', 'sun.rmi.transport.tcp'],
  'java.sql': ['java.sql'],
  'jdk.unsupported': ['sun.misc'],
};

const opened: Readonly<Record<string, readonly string[]>> = {
  'java.base': [
    'java.io',
    'java.lang',
    'java.lang.module',
    'java.lang.reflect',
    'java.math',
    'java.net',
    'java.nio',
    'java.util',
    'java.util.concurrent',
    'java.util.concurrent.atomic',
    'jdk.internal.loader',
    'jdk.internal.math',
    'jdk.internal.module',
    'jdk.internal.ref',
    'jdk.internal.reflect',
    'jdk.internal.util.jar',
    'sun.nio.ch',
  ],
  'jdk.management': ['com.sun.management.internal'],
};

/**
 * The options of the JVM for Cassandra: 512 MB of heap, and no wait for other nodes, of which there are none.
 * @param agent The path of the library `jamm`, which measures objects.
 * @param folder The server's folder.
 * @param yaml The path of its cassandra.yaml.
 */
export function cassandraJvmOptions(agent: string, folder: string, yaml: string): string[] {
  const properties = {
    'cassandra.config': `file://${yaml}`,
    'cassandra.storagedir': folder,
    'cassandra.logdir': folder,
    'java.io.tmpdir': join(folder, 'tmp'),
    'cassandra-foreground': 'yes',
    'cassandra.ring_delay_ms': '0',
    'cassandra.skip_wait_for_gossip_to_settle': '0',
    'cassandra.superuser_setup_delay_ms': '0',
    'cassandra.consistent.rangemovement': 'false',
    'cassandra.disable_tcactive_openssl': 'true',
    'io.netty.tryReflectionSetAccessible': 'true',
    'java.net.preferIPv4Stack': 'true',
    'jdk.attach.allowAttachSelf': 'true',
  };
  const packages = (option: string, modules: Readonly<Record<string, readonly string[]>>): string[] =>
    Object.entries(modules).flatMap(([module, names]) => names.map((name) => `--${option}=${module}/${name}=ALL-UNNAMED`));
  return [
    '-Xms512m',
    '-Xmx512m',
    '-Xss512k',
    '-XX:MaxDirectMemorySize=256m',
    '-XX:+UseSerialGC',
    `-javaagent:${agent}`,
    ...Object.entries(properties).map(([name, value]) => `-D${name}=${value}`),
    ...packages('add-exports', exported),
    ...packages('add-opens', opened),
  ];
}
