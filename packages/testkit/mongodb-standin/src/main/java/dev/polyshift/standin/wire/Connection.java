package dev.polyshift.standin.wire;

import java.net.InetSocketAddress;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** One client connection: who it is, and what must end with it. */
public final class Connection {

    private final int id;
    private final InetSocketAddress remote;
    private final InetSocketAddress local;
    private final Set<Long> cursors = ConcurrentHashMap.newKeySet();
    private volatile boolean open = true;

    Connection(int id, InetSocketAddress remote, InetSocketAddress local) {
        this.id = id;
        this.remote = remote;
        this.local = local;
    }

    public int id() {
        return id;
    }

    public String remote() {
        return remote.getAddress().getHostAddress() + ":" + remote.getPort();
    }

    public int localPort() {
        return local.getPort();
    }

    public boolean isOpen() {
        return open;
    }

    void close() {
        open = false;
    }

    public Set<Long> cursors() {
        return cursors;
    }
}
