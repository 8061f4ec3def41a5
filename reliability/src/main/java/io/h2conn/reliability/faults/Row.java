package io.h2conn.reliability.faults;

import java.util.ArrayList;
import java.util.List;

/** What came of one fault. */
final class Row {
    private final String fault;
    private String server = "-";
    private String client = "-";
    private String meanwhile = "-";
    private String afterwards = "-";
    private String left = "-";
    private boolean serverKilled;
    private boolean clientKilled;
    private final List<String> violations = new ArrayList<>();

    Row(String fault) {
        this.fault = fault;
    }

    static String heading() {
        return "| fault | the server saw | the client saw | a new connect meanwhile | and afterwards "
                + "| left: connections/streams/buffers/threads/descriptors |\n|---|---|---|---|---|---|";
    }

    String format() {
        return "| " + String.join(" | ", fault, server, client, meanwhile, afterwards, left) + " |";
    }

    static String notRun(String fault, String why) {
        return "| " + fault + " | not run: " + why + " | | | | |";
    }

    void server(String saw) {
        server = saw;
    }

    void client(String saw) {
        client = saw;
    }

    void meanwhile(String connect) {
        meanwhile = connect;
    }

    void afterwards(String connect) {
        afterwards = connect;
    }

    void left(String text) {
        left = text;
    }

    void serverKilled() {
        serverKilled = true;
        server = "(killed)";
    }

    void clientKilled() {
        clientKilled = true;
        client = "(killed)";
    }

    boolean serverWasKilled() {
        return serverKilled;
    }

    boolean clientWasKilled() {
        return clientKilled;
    }

    /** Something is not as it is promised. */
    void violate(String what) {
        violations.add(fault + ": " + what);
    }

    List<String> violations() {
        return violations;
    }
}
