package io.h2conn.benchmarks.peer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A thread for each connection. Its first byte says which {@link Service} it is for. */
final class SocketServer implements PeerServer {
    /** Connections that wait to be accepted; as many as may be opened at the same time, and more. */
    private static final int BACKLOG = 1024;

    private final ServerSocket listening;
    private final Set<Link> links = ConcurrentHashMap.newKeySet();
    private final Set<Link> receivers = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    SocketServer(Security security) throws Exception {
        listening = Sockets.listen(security, BACKLOG);
        new Thread(this::accept, "sockets-accept").start();
    }

    private void accept() {
        try {
            while (!closed) {
                Link link = new SocketLink(listening.accept());
                links.add(link);
                new Thread(() -> serve(link), "sockets-connection").start();
            }
        } catch (IOException e) {
            if (!closed) {
                throw new UncheckedIOException("cannot accept connections", e);
            }
        }
    }

    private void serve(Link link) {
        try (link) {
            ByteBuffer asked = ByteBuffer.allocate(1);
            link.readFully(asked);
            Service service = Service.values()[asked.get(0)];
            if (service == Service.FEED) {
                receivers.add(link);
                link.readEnd();
            } else {
                LinkServices.serve(service, link);
            }
        } catch (Exception e) {
            if (!closed) {
                e.printStackTrace(); // and the client sees that its connection has ended too early
            }
        } finally {
            receivers.remove(link);
            links.remove(link);
        }
    }

    @Override
    public int port() {
        return listening.getLocalPort();
    }

    @Override
    public int receivers() {
        return receivers.size();
    }

    @Override
    public void broadcast(long n) throws IOException {
        ByteBuffer frame = SocketLink.frame(Messages.make(Messages.SMALL, n, 0));
        for (Link receiver : receivers) {
            receiver.write(frame.duplicate());
        }
    }

    @Override
    public void close() throws IOException {
        closed = true;
        listening.close();
        for (Link link : links) {
            link.close();
        }
    }
}
