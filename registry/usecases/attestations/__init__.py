"""Take attestations of good standing, end them, and let subjects withdraw their consent or demand one."""
