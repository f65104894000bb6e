@NullMarked
package io.registrycenter.grpc;

import org.jspecify.annotations.NullMarked;
