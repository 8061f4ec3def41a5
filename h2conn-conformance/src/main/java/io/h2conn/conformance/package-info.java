/**
 * A suite that certifies connections: JUnit 5 tests that any pair of connected
 * {@link io.h2conn.DuplexConnection}s must pass, whatever carries them.
 *
 * <p>A transport implements {@link io.h2conn.conformance.ConnectionSupplier}; a test class extends
 * {@link io.h2conn.conformance.NetConformance} or {@link io.h2conn.conformance.ContractConformance} and returns it.
 * {@link io.h2conn.conformance.CodecConformance} does the same for a {@link io.h2conn.codec.Codec}, and
 * {@link io.h2conn.conformance.ChunkConformance} for one whose framing marks no boundaries.
 * {@link io.h2conn.conformance.LeakCheck} serves on its own in any other test.
 */
@NullMarked
package io.h2conn.conformance;

import org.jspecify.annotations.NullMarked;
