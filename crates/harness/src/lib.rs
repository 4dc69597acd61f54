//! Scenario, variant, strategy and replication to a record
