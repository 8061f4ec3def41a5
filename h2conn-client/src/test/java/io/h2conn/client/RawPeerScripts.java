package io.h2conn.client;

/** Scripts that several tests use. */
final class RawPeerScripts {
    /** Reads and says nothing, until the client has gone. */
    static final RawPeer.Script SILENT = wire -> wire.socket.getInputStream().readAllBytes();

    private RawPeerScripts() {}
}
