package io.h2conn.benchmarks.run;

import io.h2conn.benchmarks.peer.Identity;
import io.h2conn.benchmarks.peer.IdentityFiles;
import io.h2conn.benchmarks.peer.Peer;
import io.h2conn.benchmarks.peer.PeerProcess;
import io.h2conn.benchmarks.peer.Peers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The programs of all peers that are there. */
final class Programs {
    private Programs() {}

    /**
     * Finds the peers in Java, and builds the one in Go if that is wanted and installed.
     *
     * @param java runs those in Java
     * @param flags more of a JVM's flags, by peer
     * @param module the directory {@code benchmarks}
     * @param go whether to build the one in Go
     */
    static List<Program> all(Java java, Map<String, List<String>> flags, Path module, boolean go)
            throws IOException, InterruptedException, GeneralSecurityException {
        Path identity = module.resolve("target").resolve("identity").toAbsolutePath();
        if (Files.notExists(identity)) {
            IdentityFiles.create(identity);
        }
        Map<String, String> environment = Map.of(Identity.DIRECTORY, identity.toString());
        List<Program> programs = new ArrayList<>();
        for (Peer peer : Peers.ALL) {
            List<String> own = flags.getOrDefault(peer.name(), List.of());
            programs.add(new Program(peer.name(), java.command(own, PeerProcess.class.getName()), environment, true));
        }
        if (go) {
            GoProgram.build(module)
                    .ifPresent(file ->
                            programs.add(new Program(GoProgram.NAME, List.of(file.toString()), environment, false)));
        }
        return programs;
    }
}
