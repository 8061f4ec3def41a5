package io.h2conn.benchmarks.run;

import java.util.List;
import java.util.Map;

/**
 * What speaks the protocol of {@link io.h2conn.benchmarks.peer.PeerProcess} for one peer.
 *
 * @param peer its name
 * @param command how to run it; the arguments that the protocol knows follow
 * @param environment what it needs
 * @param jvm whether the JDK's tools can look into it; others they would end
 */
record Program(String peer, List<String> command, Map<String, String> environment, boolean jvm) {}
