package io.h2conn.benchmarks.peer;

/** One way for two processes to hold a conversation: its server and its client, which never are in the same process. */
public interface Peer {
    /** How commands and tables call it. */
    String name();

    /**
     * Starts a server on a free port of the loopback address.
     *
     * @param security in clear text, or TLS
     */
    PeerServer serve(Security security) throws Exception;

    /**
     * Makes a client of such a server. It connects when a workload needs it, and keeps what it has connected warm for the
     * next one.
     *
     * @param port the server's
     * @param security the server's
     */
    PeerClient client(int port, Security security) throws Exception;
}
