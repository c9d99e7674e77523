package dev.polyshift.standin;

import dev.polyshift.standin.command.Server;
import dev.polyshift.standin.oplog.Oplog;
import dev.polyshift.standin.store.Store;
import dev.polyshift.standin.wire.StandinServer;

/** Starts the stand-in: {@code --port N} (0 for any free one, default 27017) and {@code --oplog-size N} (default 20000). */
public final class Main {

    private static final int DEFAULT_PORT = 27017;
    private static final int DEFAULT_OPLOG = 20_000;

    private Main() {
    }

    public static void main(String[] arguments) throws InterruptedException {
        int port = DEFAULT_PORT;
        int oplogSize = DEFAULT_OPLOG;
        for (int i = 0; i < arguments.length; i += 2) {
            if (i + 1 == arguments.length) {
                usage("no value for " + arguments[i]);
            }
            switch (arguments[i]) {
                case "--port" -> port = number(arguments[i], arguments[i + 1]);
                case "--oplog-size" -> oplogSize = number(arguments[i], arguments[i + 1]);
                default -> usage("unknown option " + arguments[i]);
            }
        }
        Server commands = new Server(new Store(new Oplog(oplogSize)));
        StandinServer server;
        try {
            server = new StandinServer(commands, port);
        } catch (RuntimeException e) {
            System.err.println("cannot listen on 127.0.0.1:" + port + ": " + e.getMessage());
            System.exit(3);
            return;
        }
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            server.close();
            commands.close();
        }));
        System.out.println("polyshift stand-in for MongoDB (not a genuine mongod), built on mongo-java-server, in memory");
        System.out.println("ready " + server.port());
        System.out.flush();
        Thread.currentThread().join();
    }

    private static int number(String option, String value) {
        try {
            return Integer.parseUnsignedInt(value);
        } catch (NumberFormatException e) {
            usage(option + " needs a number, not '" + value + "'");
            return 0;
        }
    }

    private static void usage(String problem) {
        System.err.println(problem);
        System.err.println("usage: --port N --oplog-size N");
        System.exit(2);
    }
}
