//! SOAP and XML for clients and simulators
