package io.h2conn.benchmarks.peer;

/** Plain sockets with calls that block: what the operating system and the JDK can do, and so the measure of the others. */
final class SocketPeer implements Peer {
    @Override
    public String name() {
        return "sockets";
    }

    @Override
    public PeerServer serve(Security security) throws Exception {
        return new SocketServer(security);
    }

    @Override
    public PeerClient client(int port, Security security) throws Exception {
        return new SocketClient(port, security);
    }
}
