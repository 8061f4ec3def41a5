/**
 * A suite that certifies connections: JUnit 5 tests that any pair of connected
 * {@link io.h2conn.DuplexConnection}s must pass, whatever carries them.
 *
 * <p>A transport implements {@link io.h2conn.conformance.ConnectionSupplier}; a test class extends
 * {@link io.h2conn.conformance.NetConformance} or {@link io.h2conn.conformance.ContractConformance} and returns it.
 * {@link io.h2conn.conformance.LeakCheck} serves on its own in any other test.
 */
@NullMarked
package io.h2conn.conformance;

import org.jspecify.annotations.NullMarked;
